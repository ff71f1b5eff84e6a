"""How Vigil is run: settings, command line, local services and the supervisor. The one place that wires processes."""
