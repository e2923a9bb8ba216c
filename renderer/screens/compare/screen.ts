import type { Screen } from '../../shared/registry.js';
import { copyMarkdown, exportAs, printPdf } from './actions.js';
import Compare from './Compare.svelte';

export const compareScreen: Screen = {
  id: 'compare',
  title: 'Compare',
  icon: 'M4 20h16M6 20V9h4v11M14 20V4h4v16',
  component: Compare,
  commands: [
    {
      id: 'compare.markdown',
      title: 'Copy the comparison as Markdown',
      run: () => void copyMarkdown(),
    },
    {
      id: 'compare.xlsx',
      title: 'Export the comparison as XLSX...',
      run: () => void exportAs('xlsx'),
    },
    {
      id: 'compare.ods',
      title: 'Export the comparison as ODS...',
      run: () => void exportAs('ods'),
    },
    {
      id: 'compare.csv',
      title: 'Export the comparison as CSV...',
      run: () => void exportAs('csv'),
    },
    {
      id: 'compare.json',
      title: 'Export the comparison as JSON...',
      run: () => void exportAs('json'),
    },
    { id: 'compare.pdf', title: 'Print the comparison to PDF...', run: () => void printPdf() },
  ],
};
