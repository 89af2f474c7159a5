"""Two records that are one: a preview, the merge in one transaction, and the way back."""
