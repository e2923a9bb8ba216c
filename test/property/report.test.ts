import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare } from '../../engine/report/comparison.js';
import { csvColumns, toCsv } from '../../engine/report/csv.js';
import { toJson } from '../../engine/report/json.js';
import { toMarkdown } from '../../engine/report/markdown.js';
import { neutralised } from '../../engine/report/neutralise.js';
import { toOds } from '../../engine/report/ods.js';
import { comparisonDocument } from '../../engine/report/schema.js';
import { mailTable, textTable } from '../../engine/report/text.js';
import type { Comparison } from '../../engine/report/types.js';
import { toXlsx } from '../../engine/report/xlsx.js';
import { measurement, standard } from '../unit/report/fixture.js';
import { checkXml, parseCsv, unzip } from '../unit/report/readers.js';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc
    .tuple(
      fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '\0', ' =', '|', '"', '#'),
      fc.string(),
    )
    .map((parts) => parts.join('')),
);

const figure = fc.oneof(
  fc.nat({ max: 5_000_000 }),
  fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER, -1, NaN, Infinity, Number.MAX_VALUE, 5e-324),
);

/** The standard experiment with anything at all for labels, evidence and counts. */
const comparisons: fc.Arbitrary<Comparison> = fc
  .record({
    labels: fc.array(text, { minLength: 5, maxLength: 5 }),
    name: text,
    workload: text,
    evidence: text,
    memoryLine: text,
    states: fc.array(fc.constantFrom('done', 'failed', 'interrupted', 'running'), {
      minLength: 15,
      maxLength: 15,
    }),
    figures: fc.array(fc.tuple(figure, figure, figure), { minLength: 15, maxLength: 15 }),
    baseline: fc.nat({ max: 4 }),
  })
  .map((drawn) => {
    const input = standard();
    input.experiment.name = drawn.name;
    input.experiment.plan.workloads[0] = drawn.workload;
    drawn.labels.forEach((label, index) => {
      input.experiment.plan.cells[index]!.label = label;
    });
    input.runs.forEach((run, index) => {
      const [user, kernel, hypervisor] = drawn.figures[index]!;
      run.state = drawn.states[index] as typeof run.state;
      run.evidence = drawn.evidence;
      run.memoryLine = drawn.memoryLine;
      run.bootInstructions = { user, kernel, hypervisor };
      run.memTotalKiB = user;
      input.measurements.push(measurement(run.id, drawn.workload, [user, kernel, hypervisor]));
    });
    return compare({ ...input, baseline: drawn.baseline });
  });

describe('any comparison', () => {
  it('is a CSV that parses back, without formulas', () => {
    fc.assert(
      fc.property(comparisons, (comparison) => {
        const [, ...rows] = parseCsv(toCsv(comparison));
        expect(rows).toHaveLength(comparison.rows.length * 5);
        for (const [index, row] of rows.entries()) {
          expect(row).toHaveLength(csvColumns.length);
          const label = comparison.columns[index % 5]?.label ?? '';
          expect(row[csvColumns.indexOf('label')]).toBe(neutralised(label));
          for (const field of row) {
            expect(field).not.toMatch(/^\s*[=+@\0]|^-(?![\d.e+-]+$)|^-?(NaN|Infinity)$/);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is a document of the schema, with the same figures in the CSV', () => {
    fc.assert(
      fc.property(comparisons, (comparison) => {
        const document = comparisonDocument.parse(JSON.parse(toJson(comparison)));
        const rows = parseCsv(toCsv(comparison)).slice(1);
        document.cells.forEach((cell, index) => {
          expect(String(cell.instructions?.total ?? '')).toBe(rows[index]?.[8]);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('is a text and a Markdown without NaN, control characters or a table out of shape', () => {
    fc.assert(
      fc.property(comparisons, fc.integer({ min: 40, max: 200 }), (comparison, width) => {
        const options = { width, colour: false, split: true, memory: false };
        for (const report of [mailTable(comparison), textTable(comparison, options)]) {
          // eslint-disable-next-line no-control-regex -- naming control characters is the point
          expect(report).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f]/);
          expect(report).not.toMatch(/[ (]-?[+]?(NaN|Infinity|∞)%?[ )]/);
        }
        const table = toMarkdown(comparison)
          .split('\n')
          .slice(4, 6 + comparison.experiment.plan.workloads.length);
        for (const line of table) expect(line.match(/(?<!\\)(\\\\)*\|/g)).toHaveLength(7);
      }),
      { numRuns: 60 },
    );
  });

  it('is spreadsheets without formulas, errors or numbers that are none', async () => {
    await fc.assert(
      fc.asyncProperty(comparisons, async (comparison) => {
        const xlsx = unzip(await toXlsx(comparison));
        for (const [name, xml] of xlsx) if (/\.(xml|rels)$/.test(name)) checkXml(xml);
        for (const sheet of [1, 2, 3, 4]) {
          const xml = xlsx.get(`xl/worksheets/sheet${sheet}.xml`);
          expect(/<f[ >]|t="e"|<v>(NaN|-?Infinity)/.exec(xml ?? '')).toBeNull();
        }
        const ods = unzip(toOds(comparison));
        for (const [name, xml] of ods) if (name.endsWith('.xml')) checkXml(xml);
        const content = ods.get('content.xml') ?? '';
        expect(/table:formula|office:value="-?(NaN|Inf)/.exec(content)).toBeNull();
      }),
      { numRuns: 25 },
    );
  });
});
