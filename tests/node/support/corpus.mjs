// What people write into plans and directories, at its worst.
export const titles = [
  'Plain words',
  'Ünïcödé: “quotes” — dashes, ellipsis…',
  'Cynllun ynni ŵ ŷ Ŵ Ŷ',
  'Ελληνικά, русский, 日本語, 한국어, עברית, العربية',
  'Emoji 🚲🏳️‍🌈👩🏽‍💻 and a flag 🏴󠁧󠁢󠁷󠁬󠁳󠁿',
  '<script>alert("x")</script> & <b>bold</b> &amp; \'single\'',
  '{{subject}} {{{text}}} {{> direct}} {{#items}}',
  '=?utf-8?B?SGVsbG8=?= looks encoded',
  '.a leading dot',
  'From the beginning',
  'Semicolon; comma, colon: a@b.example <c@d.example> "quoted" (comment) \\ backslash',
  '[click](http://evil.example) **bold** _under_ `code` <at>Boss</at>',
  'https://kent.example/a?b=c&d=e=f#g stays as it is',
  'x'.repeat(400),
  `${'ŵ'.repeat(120)} end`,
  'Trailing equals = and percent %0d%0aBcc: x@y.example',
  'A line\nbreak and a\ttab',
];

export const names = ['Ann Lead', 'Siân Gwenllian ap Rhŷs', 'O\'Neill, "Bob" (HR)', '山田 太郎', 'Name <with@angle.example>', 'Zoë; DROP'];

/// As Chaser tells it in one line.
export const oneLine = (text) => text.replace(/\s+/g, ' ').trim();
