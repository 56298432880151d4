"""The design room: shapes the product, accepts it by measurement, and makes the customer's files."""
