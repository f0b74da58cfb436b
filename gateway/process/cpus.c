/* SPDX-License-Identifier: Apache-2.0 */
#include "process/cpus.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static size_t by_affinity(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) != 0)
		return 1;
	return (size_t)CPU_COUNT(&set);
}

/* The line of /proc/self/cgroup that is v2's: 0::/PATH. */
static bool read_group(char *path, size_t size)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[512];
	bool is_found = false;

	while (file && !is_found && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = '\0';
		is_found = strncmp(line, "0::/", 4) == 0;
		if (is_found)
			snprintf(path, size, "/sys/fs/cgroup%s/cpu.max",
			         line + 3);
	}
	if (file)
		fclose(file);
	return is_found;
}

/* 0: no quota. */
static size_t by_quota(void)
{
	char path[640];
	unsigned long quota;
	unsigned long period;
	FILE *file = read_group(path, sizeof path) ? fopen(path, "re") : NULL;

	if (!file)
		return 0;

	int read = fscanf(file, "%lu %lu", &quota, &period);

	fclose(file);
	if (read != 2 || period == 0)
		return 0;
	return (quota + period - 1) / period;
}

size_t cpus_usable(void)
{
	size_t cpus = by_affinity();
	size_t quota = by_quota();

	if (quota > 0 && quota < cpus)
		cpus = quota;
	if (cpus > CPUS_MOST)
		cpus = CPUS_MOST;
	return cpus > 0 ? cpus : 1;
}
