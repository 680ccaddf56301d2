import sys
from pathlib import Path

from mtfix.senses import channel, lexicon

sys.path.insert(0, str(Path(__file__).parent))
# read once, so that no first example of a property pays for it
lexicon.own().confusion("final", "late")
channel.own().meant("final")
