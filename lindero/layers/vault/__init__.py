"""Records of people that are not public record, encrypted."""
