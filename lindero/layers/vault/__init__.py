"""The vault: encrypted records of people that are not public record."""
