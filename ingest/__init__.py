"""Hears the monitors: frames out to Kafka, topic names, file replay and a simulator. Knows nothing of beats."""
