"""Pictures of what the lists hold. How one is made stands in docs/pictures.md."""
