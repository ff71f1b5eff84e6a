"""Who must know, how soon, who answered: lifecycle, escalation, delivery and the console page."""
