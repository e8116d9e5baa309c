"""`les reconcile`: the commissioner's figures or rows for a month against ours, and the reason for each difference."""
