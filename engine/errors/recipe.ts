import { defineError } from './lab-error.js';

/** Errors of rebuilding a flavour from its recipe (engine/recipe/). */
export const recipeErrors = {
  malformed: defineError<{ why: string }>(
    'recipe-malformed',
    'input',
    'a recipe of a multi-image is damaged: it points outside, or does not add up',
    ({ why }) => ({
      message: `the recipe is damaged: ${why}`,
      hint: 'the file was changed after it was made; merge the kernels again',
    }),
  ),
};
