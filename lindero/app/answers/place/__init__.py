"""The place that somebody means, and what lies there and near it."""
