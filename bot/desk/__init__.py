"""What staff do, wherever they do it: decided and logged in one place."""
