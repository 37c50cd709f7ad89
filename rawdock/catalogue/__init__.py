"""What is known of the Engine API's operations, as data."""
