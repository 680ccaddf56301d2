from mtfix.senses import channel, lexicon

# read once, so that no first example of a property pays for it
lexicon.own().confusion("final", "late")
channel.own().meant("final")
