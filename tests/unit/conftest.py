import sys
from pathlib import Path

from mtfix.senses.lexicon import own

sys.path.insert(0, str(Path(__file__).parent))
own().confusion("final", "late")  # read once, so that no first example of a property pays for it
