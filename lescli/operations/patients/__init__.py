"""Commands about patients: the register, the recall list and one patient explained."""
