"""``python -m iio_kg`` is the command line."""

from iio_kg.cli import main

if __name__ == "__main__":
    main()
