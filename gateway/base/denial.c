/* SPDX-License-Identifier: Apache-2.0 */
#include "base/denial.h"

const char *denial_word(enum denial denial)
{
	static const char *const words[DENIALS] = {
		[DENIAL_PUBLISH] = "publish",
		[DENIAL_SUBSCRIBE] = "subscribe",
		[DENIAL_DELIVER] = "deliver",
		[DENIAL_WILL] = "will",
		[DENIAL_RESPONSE] = "response",
	};

	return words[denial];
}
