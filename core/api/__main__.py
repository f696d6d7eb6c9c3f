"""`python -m rhytid`."""

from rhytid.gui.cli.program import main

raise SystemExit(main())
