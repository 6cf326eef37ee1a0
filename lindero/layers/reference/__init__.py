"""Reference data that Lindero includes: places, regions, names and facts about states."""
