"""What came of past pairs: surveys, goals reviewed, evaluation, learnt weights."""
