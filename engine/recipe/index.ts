/** Recipes: one kernel's image from another's. See README.md. */
export { recipeSteps, writeRecipe, type Recipe } from './write.js';
export { rebuild } from './rebuild.js';
export { readKernelImage } from './image.js';
export { summarise, type RecipeSummary } from './summary.js';
export type { Copy } from './copies.js';
