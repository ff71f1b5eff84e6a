"""What a sentence finds: findings with a name of their own, and qualities of a measure."""
