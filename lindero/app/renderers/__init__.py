"""Renderers of answers (`app.answers.answer`), one for each medium. All have the same sentences, figures and tables."""
