"""Learn from word counts alone again: ``python assets/make_bag_of_words.py``."""

from pathlib import Path

from gatescope.training.bag_of_words import fit_bag_of_words, save_bag_of_words

PATH = Path(__file__).parent / "data_runs" / "reviews-bag-of-words.json"

if __name__ == "__main__":
    save_bag_of_words(fit_bag_of_words(), PATH)
