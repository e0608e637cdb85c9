/* SPDX-License-Identifier: Apache-2.0 */
/* The part of sealed_bundle.h that holds the parts against release.ini. */
#include "pack/sealed_own.h"

static int check_kind(const struct sealed_bundle *bundle, enum part_kind kind,
                      struct err *err)
{
	const struct part part = { .kind = kind };
	const struct sealed_part *found = sealed_bundle_find(bundle, part);
	const struct part_pin *pin = &bundle->release.parts[kind];
	char name[PART_NAME_SIZE];

	part_name(part, name);
	/* The other small parts are enough. */
	if (found == NULL && kind == PART_PACKED)
		return 0;
	if (found == NULL && (pin->is_present || part_is_required(kind)))
		return err_set(err, ERR_FORMAT, 0, "part '%s' is missing",
		               name);
	if (found != NULL && !pin->is_present)
		return err_set(err, ERR_FORMAT, 0,
		               "part '%s' is not listed in release.ini", name);
	if (found != NULL && found->size != pin->size)
		return err_set(err, ERR_FORMAT, 0,
		               "part '%s' has %llu bytes; release.ini says "
		               "%llu",
		               name, (unsigned long long)found->size,
		               (unsigned long long)pin->size);
	return 0;
}

int sealed_check_patches(const struct sealed_bundle *bundle, struct err *err)
{
	for (size_t i = 0; i < bundle->count; i++) {
		const struct sealed_part *found = &bundle->parts[i];
		const struct part_pin *pin;
		char name[PART_NAME_SIZE];

		if (found->part.kind != PART_PATCH)
			continue;
		part_name(found->part, name);
		pin = release_ini_pin(&bundle->release, found->part);
		if (pin == NULL || pin->size != found->size)
			return err_set(err, ERR_FORMAT, 0,
			               "part '%s' is not listed in release.ini "
			               "with this size",
			               name);
	}
	return 0;
}

/* Sigstore bundles are numbered from 1 without a gap. */
static int check_numbers(const struct sealed_bundle *bundle, struct err *err)
{
	uint64_t next = 1;

	for (size_t i = 0; i < bundle->count; i++) {
		if (bundle->parts[i].part.kind != PART_SIGSTORE)
			continue;
		if (bundle->parts[i].part.id != next++)
			return err_set(err, ERR_FORMAT, 0,
			               "release.ini.%llu.sigstore.json is "
			               "missing",
			               (unsigned long long)(next - 1));
	}
	return 0;
}

int sealed_read_release(struct sealed_bundle *bundle, struct err *err)
{
	const struct part part = { .kind = PART_RELEASE_INI };
	const struct sealed_part *found = sealed_bundle_find(bundle, part);

	if (found == NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "part 'release.ini' is missing");
	bundle->release_text.max = RELEASE_INI_MAX;
	if (sealed_part_load(bundle, found, &bundle->release_text, err) < 0)
		return -1;
	if (release_ini_parse(buf_text(&bundle->release_text),
	                      bundle->release_text.len, &bundle->release,
	                      err) < 0)
		return err_wrap(err, "release.ini");
	for (int kind = 0; kind < PART_KINDS; kind++)
		if (part_is_pinned((enum part_kind)kind) &&
		    kind != PART_PATCH &&
		    check_kind(bundle, (enum part_kind)kind, err) < 0)
			return -1;
	if (sealed_check_patches(bundle, err) < 0)
		return -1;
	return check_numbers(bundle, err);
}
