/*
 * The recipe decoder on the host, which decodes one recipe after the other:
 *
 *     recipe-host BASE FLAVOUR WORK-SIZE DISTANCE < RECIPES
 *     recipe-host BASE FLAVOUR WORK-SIZE DISTANCE RECIPE SEED COUNT
 *
 * The result goes DISTANCE bytes before the base and overwrites it, or to memory
 * of its own if that is "apart". RECIPES are recipes, each behind its size, 4
 * bytes. Prints for each the status and whether the result is FLAVOUR. The
 * second form makes COUNT mutations of RECIPE and prints how often each status
 * came, and how many were right.
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

/* xorshift (George Marsaglia, 2003), below a limit. */
static u32 random_below(u32 limit)
{
	static u64 state = 0x9E3779B97F4A7C15ull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return limit ? (u32)(state >> 16) % limit : (u32)(state = state * 2 + 1);
}

/* Changes a copy of a recipe in a few places, and perhaps its size. */
static u32 mutate(u8 *recipe, u32 size)
{
	u32 changes = 1 + random_below(3), at;

	for (; changes > 0; changes--) {
		at = random_below(random_below(2) ? size : size < 400 ? size : 400);
		switch (random_below(4)) {
		case 0:
			recipe[at] ^= (u8)(1 << random_below(8));
			break;
		case 1:
			recipe[at] = (u8)random_below(256);
			break;
		case 2:
			memset(recipe + at, random_below(2) ? 0xff : 0, random_below(size - at < 9 ? size - at : 9));
			break;
		case 3:
			size = random_below(16) ? size : at + 1;
		}
	}
	return size;
}

static void fuzz(const struct job *job, const char *path, u32 seed, u32 count)
{
	u32 recipe_size, statuses[MULTI_STATUSES] = { 0 }, rights = 0, size, i;
	u8 *recipe = slurp(path, &recipe_size);
	int right;

	for (i = 0; i < seed; i++)
		random_below(0);
	for (i = 0; i < count; i++) {
		u8 *changed = malloc(recipe_size), *exact;

		memcpy(changed, recipe, recipe_size);
		size = mutate(changed, recipe_size);
		exact = memcpy(malloc(size), changed, size);
		statuses[apply(job, exact, size, &right)]++;
		rights += (u32)right;
		free(exact);
		free(changed);
	}
	for (i = 0; i < MULTI_STATUSES; i++)
		printf("%u ", statuses[i]);
	printf("right %u\n", rights);
	free(recipe);
}

int main(int count, char **arguments)
{
	struct job job;
	u32 size;
	int right, status;

	if (count != 5 && count != 8)
		return 2;
	job.given = slurp(arguments[1], &job.base_size);
	job.flavour = slurp(arguments[2], &job.size);
	job.work_size = (u32)strtoul(arguments[3], NULL, 0);
	lay_out(&job, arguments[4]);
	job.work = malloc(job.work_size);
	if (count == 8)
		fuzz(&job, arguments[5], (u32)strtoul(arguments[6], NULL, 0),
		     (u32)strtoul(arguments[7], NULL, 0));
	while (count == 5 && fread(&size, 4, 1, stdin) == 1) {
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
