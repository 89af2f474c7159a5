"""Data of any size, and how long the admin's pages take on it."""
