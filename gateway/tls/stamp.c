/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/stamp.h"

#include <sys/stat.h>
#include <time.h>

#include "base/hash.h"
#include "base/slice.h"

#define SECOND_NS UINT64_C(1000000000)
#define MS_NS UINT64_C(1000000)

static uint64_t ns_of(struct timespec time)
{
	return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_nsec;
}

static struct tls_stamp stamp_of(const struct stat *status)
{
	uint64_t content_ns = ns_of(status->st_mtim);
	uint64_t inode_ns = ns_of(status->st_ctim);

	return (struct tls_stamp){
		.device = status->st_dev,
		.inode = status->st_ino,
		.size = (uint64_t)status->st_size,
		.changed_ns = content_ns > inode_ns ? content_ns : inode_ns,
	};
}

struct tls_stamp tls_stamp_of_path(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? stamp_of(&status)
	                                : (struct tls_stamp){ 0 };
}

struct tls_stamp tls_stamp_of_file(FILE *file)
{
	struct stat status;

	return fstat(fileno(file), &status) == 0 ? stamp_of(&status)
	                                         : (struct tls_stamp){ 0 };
}

/* A time that is still to come is as old as can be: clocks are set. */
bool tls_stamp_is_younger(const struct tls_stamp *stamp, uint64_t ms)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	return stamp->changed_ns <= ns_of(now) &&
	       ns_of(now) - stamp->changed_ns < ms * MS_NS;
}

/* No stranger chooses what is hashed here: any seed is as good. */
void tls_stamps_add(struct tls_stamps *stamps, const struct tls_stamp *stamp)
{
	static const struct hash_seed seed;
	const uint64_t words[] = { stamps->print, stamp->device, stamp->inode,
		                   stamp->size, stamp->changed_ns };

	stamps->print = hash_slice(
	    &seed, (struct slice){ (const uint8_t *)words, sizeof words });
}

bool tls_stamps_are(const struct tls_stamps *stamps,
                    const struct tls_stamps *others)
{
	return stamps->print == others->print;
}
