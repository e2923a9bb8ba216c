/*
 * The recipe decoder on the host, which decodes one recipe after the other:
 *
 *     recipe-host BASE FLAVOUR WORK-SIZE DISTANCE < RECIPES
 *
 * The result goes DISTANCE bytes before the base and overwrites it, or to memory
 * of its own if that is "apart". RECIPES are recipes, each behind its size, 4
 * bytes. Prints for each the status and whether the result is FLAVOUR.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "recipe.h"

/* A part of a file, in memory of its own so that a sanitizer notices who reads beyond. */
static u8 *read_part(FILE *file, u32 size)
{
	u8 *bytes = malloc(size);

	if (fread(bytes, 1, size, file) != size)
		exit(2);
	return bytes;
}

static u8 *slurp(const char *path, u32 *size)
{
	FILE *file = fopen(path, "rb");
	u8 *bytes;

	if (!file || fseek(file, 0, SEEK_END))
		exit(2);
	*size = (u32)ftell(file);
	rewind(file);
	bytes = read_part(file, *size);
	fclose(file);
	return bytes;
}

struct job {
	u8 *given, *base, *flavour, *out, *work;
	u32 base_size, size, work_size;
};

static u32 larger(u32 a, u32 b)
{
	return a > b ? a : b;
}

/* Memory for the base and the result: of exactly the size that they need. */
static void lay_out(struct job *job, const char *distance)
{
	u32 before = (u32)strtoul(distance, NULL, 0);

	if (!strcmp(distance, "apart")) {
		job->base = malloc(job->base_size);
		job->out = malloc(job->size);
		return;
	}
	job->out = malloc(larger(job->size, before + job->base_size));
	job->base = job->out + before;
}

/* What memory had in it before must not matter: it is never the same. */
static int apply(const struct job *job, const u8 *recipe, u32 recipe_size, int *right)
{
	static u8 before = 0xee;
	int status;

	memset(job->out, before, job->size);
	memset(job->work, before, job->work_size);
	memcpy(job->base, job->given, job->base_size);
	before = (u8)(before * 5 + 1);
	status = recipe_apply(recipe, recipe_size, job->base, job->base_size, job->out, job->size,
			      job->work, job->work_size);
	*right = !status && !memcmp(job->out, job->flavour, job->size);
	return status;
}

int main(int count, char **arguments)
{
	struct job job;
	u32 size;
	int right, status;

	if (count != 5)
		return 2;
	job.given = slurp(arguments[1], &job.base_size);
	job.flavour = slurp(arguments[2], &job.size);
	job.work_size = (u32)strtoul(arguments[3], NULL, 0);
	lay_out(&job, arguments[4]);
	job.work = malloc(job.work_size);
	while (fread(&size, 4, 1, stdin) == 1) {
		u8 *recipe = read_part(stdin, size);

		status = apply(&job, recipe, size, &right);
		printf("%d %d\n", status, right);
		free(recipe);
	}
	if (!strcmp(arguments[4], "apart"))
		free(job.base);
	free(job.given);
	free(job.flavour);
	free(job.out);
	free(job.work);
	return 0;
}
