"""业绩档案: what the staff of a unit submit of their career, thirty-two types of item from one catalogue."""
