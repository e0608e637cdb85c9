/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/part_stream.h"

#include "codec/bundle_frame.h"

#define KIND_SHIFT   16
#define ORDINAL_MASK 0xffffu

uint32_t part_frame_number(enum part_kind kind, unsigned ordinal)
{
	return (uint32_t)kind << KIND_SHIFT | ordinal;
}

/* Bytes that a part of @size takes up in a tar. */
static uint64_t tar_length(uint64_t size)
{
	return TAR_BLOCK + (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

/* A part that a frame may begin now: not one that should have come before. */
static bool is_next(const struct part_receiver *receiver, enum part_kind kind,
                    unsigned ordinal)
{
	const struct part last = { receiver->kind, 0 };
	const struct part next = { kind, 0 };

	return part_compare_judging(last, next) <= 0 &&
	       ordinal == receiver->count[kind] &&
	       ordinal < part_max_count(kind);
}

/* A new part must stand behind the last one; what is packed and the payload
 * never come. */
static int open_part(struct part_receiver *receiver, uint32_t number,
                     struct err *err)
{
	uint32_t kind = number >> KIND_SHIFT;
	unsigned ordinal = number & ORDINAL_MASK;

	if (kind >= PART_PACKED)
		return err_set(err, ERR_FORMAT, 0, "unknown part number %u",
		               number);
	if (!is_next(receiver, (enum part_kind)kind, ordinal))
		return err_set(err, ERR_FORMAT, 0,
		               "part number %u is out of order", number);
	receiver->is_open = true;
	receiver->kind = (enum part_kind)kind;
	receiver->ordinal = ordinal;
	receiver->size = 0;
	return 0;
}

int part_receiver_take(struct part_receiver *receiver,
                       const struct frame *frame, struct part_piece *out,
                       struct err *err)
{
	if (!receiver->is_open && open_part(receiver, frame->number, err) < 0)
		return -1;
	if (frame->number !=
	    part_frame_number(receiver->kind, receiver->ordinal))
		return err_set(err, ERR_FORMAT, 0,
		               "part number %u within another", frame->number);
	if (frame->len > part_max_size(receiver->kind) - receiver->size)
		return err_set(
			err, ERR_LIMIT, 0,
			"part number %u has more than %llu bytes",
			frame->number,
			(unsigned long long)part_max_size(receiver->kind));
	*out = (struct part_piece){ receiver->kind, receiver->ordinal,
		                    receiver->size, frame->data, frame->len };
	receiver->size += frame->len;
	if (frame->len == 0) {
		receiver->is_open = false;
		receiver->count[receiver->kind]++;
		receiver->tar_offset += tar_length(receiver->size);
	}
	return 0;
}

int part_receiver_finish(const struct part_receiver *receiver, struct err *err)
{
	char name[PART_NAME_SIZE];

	if (receiver->is_open)
		return err_set(err, ERR_FORMAT, 0, "the last part is torn");
	for (int kind = 0; kind < PART_PAYLOAD; kind++) {
		struct part part = { (enum part_kind)kind, 0 };

		if (!part_is_required(part.kind) || receiver->count[kind] > 0)
			continue;
		part_name(part, name);
		return err_set(err, ERR_FORMAT, 0, "%s is missing", name);
	}
	return 0;
}

/* What may stand between the parts that came and the payload. */
static bool is_gap(const struct part_pin *packed, uint64_t gap)
{
	return gap == 0 ||
	       (packed->is_present && gap == tar_length(packed->size));
}

int bundle_payload_offset(const struct part_receiver *receiver,
                          const struct release_ini *release, uint64_t file_size,
                          uint64_t *out, struct err *err)
{
	uint64_t payload_size = release->parts[PART_PAYLOAD].size;
	uint64_t tar_size = frame_tar_size(file_size);
	uint64_t before = receiver->tar_offset;
	uint64_t behind;

	if (payload_size > part_max_size(PART_PAYLOAD))
		return err_set(err, ERR_LIMIT, 0, "a payload of %llu bytes",
		               (unsigned long long)payload_size);
	behind = tar_length(payload_size) + TAR_END;
	if (tar_size < before || tar_size - before < behind ||
	    !is_gap(&release->parts[PART_PACKED], tar_size - before - behind))
		return err_set(
			err, ERR_FORMAT, 0,
			"the bundle has %llu bytes, its parts make %llu",
			(unsigned long long)file_size,
			(unsigned long long)frame_file_size(before + behind));
	*out = tar_size - behind + TAR_BLOCK;
	return 0;
}
