"""`python -m neira` is `neira`."""

from neira.cli.main import main

if __name__ == "__main__":
    main()
