-- What the SQL form of an expression calls where an operator of PostgreSQL would raise or mean something else than JavaScript's.
-- Rules: nothing here raises, nothing depends on a setting of the session, all is immutable (views, expression indexes and check
-- constraints use it). The meaning of a function never changes: an index may have been built with it; a new meaning gets a new name.
--
-- A `return` body is inlined by the planner where its arguments are simple: 0.1 µs. Where they are not (it would repeat them) such
-- a function costs 3 µs a call, PL/pgSQL 0.3 µs: hence the forms `_nested`, and PL/pgSQL for what reads JSON, whose value may be large.

-- The planner computes what is constant before any row is read, also in a branch that no row will reach. So wherever one argument may be
-- a constant, what depends on it alone must not raise either: hence the clamps and conditions that look superfluous.

-- Sum of two floats, null unless all is finite. Below 2^1022 nothing overflows. Above, both are halved: with operands of that size
-- that loses nothing, and the half of the sum shows what the sum would be. (NaN is greater than every number here.)
create or replace function vivant.add(a float8, b float8) returns float8 language sql immutable parallel safe return
  case
    when abs(a) <= 4e307 and abs(b) <= 4e307 then a + b
    when abs(a) <= 1.7976931348623157e308 and abs(b) <= 1.7976931348623157e308 then
      case
        -- the smaller is less than half of the greater's last digit
        when abs(b) < 1e200 then a
        when abs(a) < 1e200 then b
        when abs(case when abs(a) < 1e200 then 0 else a * 0.5 end + case when abs(b) < 1e200 then 0 else b * 0.5 end) <= 8.988465674311579e307 then a + b
      end
  end;

create or replace function vivant.sub(a float8, b float8) returns float8 language sql immutable parallel safe return
  vivant.add(a, - b);

-- What rounding cut from the product of two floats (Dekker): each is split into halves whose products are exact.
create or replace function vivant.product_error(a float8, b float8) returns float8 language plpgsql immutable parallel safe as $$
declare
  a_high float8 := a * 134217729 - (a * 134217729 - a);
  b_high float8 := b * 134217729 - (b * 134217729 - b);
begin
  return ((a_high * b_high - a * b) + a_high * (b - b_high) + (a - a_high) * b_high) + (a - a_high) * (b - b_high);
end $$;

-- Product of two floats, null unless all is finite; 0 where it is too small for a float. Powers of two change no digit of a
-- product, so a scaled one, which always fits, shows whether the product does.
create or replace function vivant.mul(a float8, b float8) returns float8 language sql immutable parallel safe return
  case
    when abs(a) between 1e-150 and 1e150 and abs(b) between 1e-150 and 1e150 then a * b
    when abs(a) <= 1.7976931348623157e308 and abs(b) <= 1.7976931348623157e308 then
      case
        when a = 0 or b = 0 then 0
        when (abs(a) >= 1) <> (abs(b) >= 1) then a * b
        when abs(a) >= 1 then
          case
            when abs(a) >= 1.3407807929942597e154 and abs(b) >= 1.3407807929942597e154 then null  -- 2^512
            -- 2^-300 each, against 2^(1024 - 600)
            when (greatest(abs(a), 1) * 4.909093465297727e-91) * (greatest(abs(b), 1) * 4.909093465297727e-91) < 4.332296397063773e127 then a * b
          end
        when abs(a) < 1.1113793747425387e-162 and abs(b) < 1.1113793747425387e-162 then 0  -- 2^-538
        -- 2^300 each, against 2^(600 - 1075), half of the least float; where it is just that, what was cut decides
        when (least(abs(a), 1) * 2.037035976334486e90) * (least(abs(b), 1) * 2.037035976334486e90) > 1.0250665447337477e-143 then a * b
        when (least(abs(a), 1) * 2.037035976334486e90) * (least(abs(b), 1) * 2.037035976334486e90) < 1.0250665447337477e-143 then 0
        when vivant.product_error(least(abs(a), 1) * 2.037035976334486e90, least(abs(b), 1) * 2.037035976334486e90) > 0 then a * b
        else 0
      end
  end;

-- Quotient of two floats, null when b is 0 and unless all is finite; 0 where it is too small for a float. As vivant.mul.
create or replace function vivant.div(a float8, b float8) returns float8 language sql immutable parallel safe return
  case
    when abs(a) between 1e-150 and 1e150 and abs(b) between 1e-150 and 1e150 then a / b
    when abs(a) <= 1.7976931348623157e308 and abs(b) <= 1.7976931348623157e308 and b <> 0 then
      case
        when a = 0 then 0
        when abs(b) >= 1 then
          case
            when abs(a) >= 1 then a / b
            -- a ÷ b > 2^-1075, half of the least float: a × 2^300 > b × 2^-775
            when least(abs(a), 1) * 2.037035976334486e90 > greatest(abs(b), 1) * 5.0321474762477604e-234 then a / b
            else 0
          end
        when abs(a) < 1e-20 then a / b
        when abs(a) >= 1.3407807929942597e154 and abs(b) <= 7.458340731200207e-155 then null  -- 2^512, 2^-512
        when (greatest(abs(a), 1e-20) * 4.909093465297727e-91) / (least(abs(b), 1) * 2.037035976334486e90) < 4.332296397063773e127 then a / b
      end
  end;

-- Half away from zero, to 1 ÷ scale. From 2^52 on every float is whole.
create or replace function vivant.round(a float8, scale float8) returns float8 language sql immutable parallel safe return
  case
    when abs(a) < 4503599627370496 then
      case
        when abs(a * scale) < 4503599627370496 then
          (trunc(a * scale) + case when abs(a * scale - trunc(a * scale)) >= 0.5 then sign(a * scale) else 0 end) / scale
        else a
      end
    when abs(a) <= 1.7976931348623157e308 then a
  end;

create or replace function vivant.round_nested(a float8, scale float8) returns float8 language plpgsql immutable parallel safe as $$
begin
  return vivant.round(a, scale);
end $$;

-- The same for arguments that are expressions themselves: each is evaluated once.
create or replace function vivant.add_nested(a float8, b float8) returns float8 language plpgsql immutable parallel safe as $$
begin
  if abs(a) <= 4e307 and abs(b) <= 4e307 then
    return a + b;
  end if;
  return vivant.add(a, b);
end $$;

create or replace function vivant.sub_nested(a float8, b float8) returns float8 language plpgsql immutable parallel safe as $$
begin
  if abs(a) <= 4e307 and abs(b) <= 4e307 then
    return a - b;
  end if;
  return vivant.add(a, - b);
end $$;

create or replace function vivant.mul_nested(a float8, b float8) returns float8 language plpgsql immutable parallel safe as $$
begin
  if abs(a) between 1e-150 and 1e150 and abs(b) between 1e-150 and 1e150 then
    return a * b;
  end if;
  return vivant.mul(a, b);
end $$;

create or replace function vivant.div_nested(a float8, b float8) returns float8 language plpgsql immutable parallel safe as $$
begin
  if abs(a) between 1e-150 and 1e150 and abs(b) between 1e-150 and 1e150 then
    return a / b;
  end if;
  return vivant.div(a, b);
end $$;

-- a − trunc(a ÷ b) × b, each step in float8.
create or replace function vivant.mod(a float8, b float8) returns float8 language plpgsql immutable parallel safe as $$
begin
  return vivant.sub_nested(a, vivant.mul_nested(trunc(vivant.div_nested(a, b)), b));
end $$;

-- An element of a JSON array; PostgreSQL's own -> takes a scalar for an array of one.
create or replace function vivant.json_item(a jsonb, index int) returns jsonb language plpgsql immutable parallel safe as $$
begin
  return case when jsonb_typeof(a) = 'array' then nullif(a -> index, 'null') end;
end $$;

create or replace function vivant.json_length(a jsonb) returns bigint language plpgsql immutable parallel safe as $$
begin
  return case when jsonb_typeof(a) = 'array' then jsonb_array_length(a) end;
end $$;

-- Whether an element equals; null elements equal nothing.
create or replace function vivant.json_contains(a jsonb, element jsonb) returns boolean language plpgsql immutable parallel safe as $$
begin
  return case when jsonb_typeof(a) = 'array' and element is not null and jsonb_typeof(element) <> 'null' then
      exists (select from jsonb_array_elements(a) as item(value) where item.value = element)
    end;
end $$;

-- JSON read as a value: null when it is none.
create or replace function vivant.json_text(a jsonb) returns text language plpgsql immutable parallel safe as $$
begin
  return case when jsonb_typeof(a) = 'string' then a #>> '{}' end;
end $$;

create or replace function vivant.json_boolean(a jsonb) returns boolean language plpgsql immutable parallel safe as $$
begin
  return case when jsonb_typeof(a) = 'boolean' then a::boolean end;
end $$;

-- JSON has numbers that no float8 holds: too great gives null, too small gives 0. A NaN or infinity is its name.
create or replace function vivant.json_float(a jsonb) returns float8 language plpgsql immutable parallel safe as $$
begin
  return case
      when jsonb_typeof(a) = 'number' then
        case
          when abs(a::numeric) >= 1.797693134862315807937e308 then null
          when abs(a::numeric) <= 2.4703282292062328e-324 then 0
          else (a #>> '{}')::float8
        end
      when jsonb_typeof(a) = 'string' and a #>> '{}' in ('NaN', 'Infinity', '-Infinity') then (a #>> '{}')::float8
    end;
end $$;

create or replace function vivant.float_int(a float8) returns bigint language sql immutable parallel safe return
  case when abs(a) <= 9007199254740991 and trunc(a) = a then a::bigint end;

create or replace function vivant.json_int(a jsonb) returns bigint language plpgsql immutable parallel safe as $$
begin
  return case when jsonb_typeof(a) = 'number' then vivant.float_int(vivant.json_float(a)) end;
end $$;

create or replace function vivant.json_bigint(a jsonb) returns numeric language plpgsql immutable parallel safe as $$
begin
  return case
      when jsonb_typeof(a) = 'number' then vivant.float_int(vivant.json_float(a))::numeric
      when jsonb_typeof(a) = 'string' and (a #>> '{}') ~ '^-?[0-9]{1,20}$' then (a #>> '{}')::numeric
    end;
end $$;

create or replace function vivant.json_uuid(a jsonb) returns uuid language plpgsql immutable parallel safe as $$
begin
  return case
      when jsonb_typeof(a) = 'string' and (a #>> '{}') ~ '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$' then (a #>> '{}')::uuid
    end;
end $$;

-- YYYY-MM-DD as a day that exists, in the years 1 to 9999: the month's first is made, and the day must not lead out of the month.
create or replace function vivant.text_date(a text) returns date language plpgsql immutable parallel safe as $$
begin
  return case when a ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and a >= '0001' collate "C" then
      case when extract(month from make_date(left(a, 4)::int, substr(a, 6, 2)::int, 1) + (right(a, 2)::int - 1)) = substr(a, 6, 2)::int
        then make_date(left(a, 4)::int, substr(a, 6, 2)::int, 1) + (right(a, 2)::int - 1)
      end
    end;
end $$;

create or replace function vivant.json_date(a jsonb) returns date language plpgsql immutable parallel safe as $$
begin
  return vivant.text_date(vivant.json_text(a));
end $$;

-- The JSON form of a timestamp, and no other notation: 2026-01-31T12:00:00.000Z.
create or replace function vivant.json_timestamp(a jsonb) returns timestamptz language plpgsql immutable parallel safe as $$
begin
  return case when vivant.json_text(a) ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9][.][0-9]{3}Z$' then
      (vivant.text_date(left(vivant.json_text(a), 10)) + substr(vivant.json_text(a), 12, 12)::time) at time zone 'UTC'
    end;
end $$;

-- Where durations and truncation are defined: the years 1 to 9999.
create or replace function vivant.in_calendar(a timestamp) returns timestamp language sql immutable parallel safe return
  case when a >= timestamp '0001-01-01' and a < timestamp '10000-01-01' then a end;

-- a + step, where a lies between the bounds within which the sum stays in the calendar.
create or replace function vivant.shift(a timestamp, first timestamp, past timestamp, step interval) returns timestamp language sql immutable parallel safe return
  case when a >= first and a < past then a + step end;

-- The year as JavaScript counts: 1 BC is 0. Null at infinity, as all fields.
create or replace function vivant.year(a timestamp) returns bigint language sql immutable parallel safe return
  case when isfinite(a) then extract(year from a)::bigint + case when extract(year from a) < 0 then 1 else 0 end end;

-- A date reaches further than a timestamp: what lies beyond JavaScript's calendar is infinity.
create or replace function vivant.midnight(a date) returns timestamptz language sql immutable parallel safe return
  case
    when a > date '275760-09-12' then timestamptz 'infinity'
    when a < date '4713-01-01 BC' then timestamptz '-infinity'
    else a::timestamp at time zone 'UTC'
  end;

-- Whatever DateStyle is.
create or replace function vivant.date_text(a date) returns text language sql immutable parallel safe return
  to_jsonb(a) #>> '{}';

-- As Date.toISOString, whatever TimeZone and DateStyle are; infinity is JavaScript's last instant.
create or replace function vivant.timestamp_text(a timestamptz) returns text language sql immutable parallel safe return
  case
    when a >= timestamptz '0001-01-01 00:00:00+00' and a < timestamptz '10000-01-01 00:00:00+00'
      then to_char(a at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    when not isfinite(a) then case when a > timestamptz '2000-01-01 00:00:00+00' then '+275760-09-13T00:00:00.000Z' else '-271821-04-20T00:00:00.000Z' end
    else
      case when vivant.year(a at time zone 'UTC') > 9999 then '+' when vivant.year(a at time zone 'UTC') < 0 then '-' else '' end
      || lpad(abs(vivant.year(a at time zone 'UTC'))::text, case when vivant.year(a at time zone 'UTC') = 0 then 4 else 6 end, '0')
      || to_char(a at time zone 'UTC', '-MM-DD"T"HH24:MI:SS.MS"Z"')
  end;
