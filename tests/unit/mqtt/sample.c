/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OUT_BYTES 256 /* enough for what any reader fills */
#define UNTOUCHED 0x47

static void expect_untouched(const uint8_t *out)
{
	for (size_t i = 0; i < OUT_BYTES; i++)
		assert_int_equal(out[i], UNTOUCHED);
}

static void expect_sample(const struct sample *sample, enum mqtt_sender sender,
                          enum mqtt_fault (*read)(struct slice, uint8_t,
                                                  enum mqtt_sender, void *))
{
	uint8_t *out = malloc(OUT_BYTES);
	enum mqtt_fault fault;

	assert_non_null(out);
	memset(out, UNTOUCHED, OUT_BYTES);
	fault = read(sample->packet, sample->level, sender, out);
	if (fault != sample->fault)
		fail_msg("%s, sender %u: %u", sample->what, sender, fault);
	if (fault != NONE)
		expect_untouched(out);
	free(out);
}

void expect_samples(const struct sample *samples, size_t count,
                    enum mqtt_fault (*read)(struct slice, uint8_t,
                                            enum mqtt_sender, void *))
{
	for (size_t i = 0; i < count; i++) {
		expect_sample(&samples[i], CLIENT, read);
		expect_sample(&samples[i], SERVER, read);
	}
}

void expect_sided_samples(const struct sided_sample *samples, size_t count,
                          enum mqtt_fault (*read)(struct slice, uint8_t,
                                                  enum mqtt_sender, void *))
{
	for (size_t i = 0; i < count; i++) {
		const struct sided_sample *sided = &samples[i];
		struct sample sample = { sided->what, sided->level,
			                 sided->client, sided->packet };

		expect_sample(&sample, CLIENT, read);
		sample.fault = sided->server;
		expect_sample(&sample, SERVER, read);
	}
}
