"""Files that other programs take: their columns and limits as dated data, and the writer of them."""
