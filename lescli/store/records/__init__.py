"""What a rule may see of the store on one day."""
