/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be written behind a setting's name: "number of seconds, from 1 to
 * 3600". The unit is the one in the name.
 */
#pragma once

#include <stdio.h>

struct schema_setting;

void type_write(const struct schema_setting *setting, FILE *out);
