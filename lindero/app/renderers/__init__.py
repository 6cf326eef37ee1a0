"""Writers of answers (`app.answers.answer`): one for each medium, the same sentences, figures and tables in all."""
