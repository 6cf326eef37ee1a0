"""Pictures to pass on: a chart or a map on a sheet with its title, finding, source, date, licence and link."""
