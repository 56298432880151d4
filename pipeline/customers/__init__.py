"""Who ordered: sealed with the shop's own key, apart from everything that is made."""
