"""What the centre orders this unit to show: its files, what is remembered of them, what rules."""
