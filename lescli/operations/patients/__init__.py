"""What is known and asked of patients: the register, the recall list, one patient explained."""
