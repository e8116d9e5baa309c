"""Back up a store, restore a backup, and change a store's key."""
