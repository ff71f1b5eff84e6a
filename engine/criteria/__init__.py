"""Published ECG criteria over measurements; pure functions, each of which names its source."""
