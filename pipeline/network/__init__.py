"""Many workshops: what each can do, which of them gets an order, and tickets they pull over HTTPS."""
