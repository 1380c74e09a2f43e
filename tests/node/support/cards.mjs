// What Chaser uses of Adaptive Cards 1.4, strictly, and colours close to those of Teams.
const text = { type: 'string', minLength: 1 };
const element = (type, properties, required) => ({
  type: 'object',
  additionalProperties: false,
  properties: { type: { const: type }, id: text, ...properties },
  required: ['type', ...required],
});
const run = element('TextRun', { text, weight: { enum: ['Bolder'] }, size: { enum: ['Medium'] } }, ['text']);
const rich = element('RichTextBlock', { inlines: { type: 'array', minItems: 1, items: run } }, ['inlines']);
const block = element('TextBlock', { text, wrap: { const: true } }, ['text']);
const fact = { type: 'object', additionalProperties: false, properties: { title: text, value: text }, required: ['title', 'value'] };
const facts = element('FactSet', { facts: { type: 'array', minItems: 1, items: fact } }, ['facts']);
const head = element('Container', { style: { enum: ['attention', 'warning', 'emphasis'] }, bleed: { const: true },
  items: { type: 'array', minItems: 1, items: rich } }, ['items']);
const mention = {
  type: 'object',
  additionalProperties: false,
  properties: { type: { const: 'mention' }, text: { type: 'string', pattern: '^<at>[^<>]+</at>$' },
    mentioned: { type: 'object', additionalProperties: false, properties: { id: text, name: text }, required: ['id', 'name'] } },
  required: ['type', 'text', 'mentioned'],
};
const open = { type: 'object', additionalProperties: false,
  properties: { type: { const: 'Action.OpenUrl' }, title: text, url: { type: 'string', pattern: '^https://' } }, required: ['type', 'title', 'url'] };

export const cardSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    $schema: { const: 'http://adaptivecards.io/schemas/adaptive-card.json' },
    type: { const: 'AdaptiveCard' },
    version: { const: '1.4' },
    fallbackText: text,
    msteams: { type: 'object', additionalProperties: false,
      properties: { width: { const: 'Full' }, entities: { type: 'array', maxItems: 1, items: mention } } },
    body: { type: 'array', minItems: 2, items: { oneOf: [rich, block, facts, head] } },
    actions: { type: 'array', minItems: 1, maxItems: 3, items: open },
  },
  required: ['$schema', 'type', 'version', 'fallbackText', 'body'],
};

export function hostConfig(scheme) {
  const [ink, paper, quiet] = scheme === 'dark' ? ['#ffffff', '#2d2c2c', '#292828'] : ['#252424', '#ffffff', '#f9f8f7'];
  const colours = (foreground, background) => ({
    backgroundColor: background,
    foregroundColors: Object.fromEntries(['default', 'accent', 'attention', 'good', 'warning'].map((name) => [name, { default: foreground, subtle: foreground }])),
  });
  return {
    fontFamily: 'Segoe UI, DejaVu Sans, sans-serif',
    fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 },
    spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 },
    containerStyles: {
      default: colours(ink, paper),
      emphasis: colours(ink, quiet),
      warning: colours('#201f1f', '#ffe2b2'),
      attention: colours('#201f1f', '#ffc5b2'),
    },
  };
}
