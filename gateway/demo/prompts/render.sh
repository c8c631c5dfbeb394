#!/bin/sh
# Renders every spoken prompt of the demo carrier as raw G.711 mu-law, 8 kHz, mono, no header.
# Needs espeak-ng and sox. Run it in this folder after changing a sentence; the results are committed.
set -eu
cd "$(dirname "$0")"

render() {
  name=$1
  sentence=$2
  espeak-ng -v en-us+f3 -s 150 -a 100 -w /tmp/copperline-prompt.$$.wav "$sentence"
  # Telephone band, no leading or trailing silence, peak at -6 dBFS so that mu-law never clips.
  # -R makes the dither repeatable: the same sentence gives the same bytes.
  sox -R /tmp/copperline-prompt.$$.wav -t raw -e mu-law -b 8 -r 8000 -c 1 "$name.ul" \
    highpass 200 lowpass 3400 \
    silence 1 0.02 0.5% reverse silence 1 0.02 0.5% reverse \
    norm -6
  rm -f /tmp/copperline-prompt.$$.wav
}

render greeting 'Welcome to the Copperline demo. Press any keys; I will say them back.'
render again 'Press more keys, or hang up.'
render you-pressed 'You pressed'
render goodbye 'Goodbye.'
render not-in-service 'The number you have dialled is not in service.'

n=0
for word in zero one two three four five six seven eight nine; do
  render "$n" "$word"
  n=$((n + 1))
done
render star 'star'
render pound 'pound'
render a 'A'
render b 'B'
render c 'C'
render d 'D'
