"""Installing into a running company: old orders get their stage by SQL, and no events."""

# Filled before the ORM sees the columns, or it would compute a stage for every old order in
# Python and write an event "became delivered today" for each.
COLUMNS = """
    ALTER TABLE sale_order
        ADD COLUMN IF NOT EXISTS processing_stage varchar,
        ADD COLUMN IF NOT EXISTS fulfilment varchar,
        ADD COLUMN IF NOT EXISTS reservation_state varchar,
        ADD COLUMN IF NOT EXISTS submitted_at timestamp,
        ADD COLUMN IF NOT EXISTS urgency varchar DEFAULT 'normal',
        ADD COLUMN IF NOT EXISTS review_state varchar DEFAULT 'not_required',
        ADD COLUMN IF NOT EXISTS review_step_id integer,
        ADD COLUMN IF NOT EXISTS review_stage_id integer,
        ADD COLUMN IF NOT EXISTS review_user_id integer,
        ADD COLUMN IF NOT EXISTS review_deadline timestamp,
        ADD COLUMN IF NOT EXISTS review_since timestamp,
        ADD COLUMN IF NOT EXISTS allocation_rank varchar,
        ADD COLUMN IF NOT EXISTS promise_date timestamp,
        ADD COLUMN IF NOT EXISTS first_promise_date timestamp,
        ADD COLUMN IF NOT EXISTS promise_slip integer,
        ADD COLUMN IF NOT EXISTS promise_at_risk boolean,
        ADD COLUMN IF NOT EXISTS promise_kept varchar,
        ADD COLUMN IF NOT EXISTS hold_until timestamp,
        ADD COLUMN IF NOT EXISTS hold_since timestamp,
        ADD COLUMN IF NOT EXISTS takeover_due boolean,
        ADD COLUMN IF NOT EXISTS priority_score numeric DEFAULT 0,
        ADD COLUMN IF NOT EXISTS priority_figures jsonb,
        ADD COLUMN IF NOT EXISTS freight_code varchar,
        ADD COLUMN IF NOT EXISTS freight_figures jsonb;
    ALTER TABLE stock_picking ADD COLUMN IF NOT EXISTS priority_score numeric DEFAULT 0;
    ALTER TABLE stock_move ADD COLUMN IF NOT EXISTS priority_score numeric DEFAULT 0;
    ALTER TABLE sale_order
        ALTER COLUMN urgency DROP DEFAULT,
        ALTER COLUMN review_state DROP DEFAULT,
        ALTER COLUMN priority_score DROP DEFAULT;
    ALTER TABLE stock_picking ALTER COLUMN priority_score DROP DEFAULT;
    ALTER TABLE stock_move ALTER COLUMN priority_score DROP DEFAULT;
"""

# The table of engine/stage.py for orders without review, submission or parcels.
# tests/test_install.py compares it with the Python, order by order.
FILL = """
    WITH places AS (
        SELECT id, usage, usage = 'customer' OR (usage = 'transit' AND company_id IS NULL) AS at_customer
          FROM stock_location
    ), moves AS (
        SELECT line.order_id,
               count(*) FILTER (WHERE way.out) AS open,
               count(*) FILTER (WHERE way.out AND move.state = 'assigned'
                                AND source.usage != 'supplier') AS reserved,
               count(*) FILTER (WHERE way.out AND move.state = 'partially_available') AS partly,
               count(*) FILTER (WHERE way.out
                                AND (move.state = 'partially_available' OR move.state = 'confirmed'
                                     AND type.reservation_method = 'at_confirm')) AS short,
               count(*) FILTER (WHERE move.state = 'done' AND target.at_customer
                                AND NOT source.at_customer) AS done,
               count(*) FILTER (WHERE move.state != 'done' AND source.at_customer) AS returning
          FROM stock_move move
          JOIN sale_order_line line ON line.id = move.sale_line_id
          JOIN places source ON source.id = move.location_id
          JOIN places target ON target.id = move.location_dest_id
          JOIN places final ON final.id = COALESCE(move.location_final_id, move.location_dest_id)
          CROSS JOIN LATERAL (
              SELECT move.state != 'done' AND final.at_customer AND NOT source.at_customer AS out
          ) way
          LEFT JOIN stock_picking_type type ON type.id = move.picking_type_id
         WHERE move.state != 'cancel'
         GROUP BY line.order_id
    ), lines AS (
        SELECT line.order_id,
               bool_or(template.type = 'consu') AS goods,
               bool_and(greatest(line.qty_delivered,
                                 CASE WHEN template.invoice_policy = 'order' THEN line.qty_invoiced END)
                        >= line.product_uom_qty) AS services_done
          FROM sale_order_line line
          JOIN product_product product ON product.id = line.product_id
          JOIN product_template template ON template.id = product.product_tmpl_id
         WHERE NOT COALESCE(line.is_downpayment, FALSE)
         GROUP BY line.order_id
    ), facts AS (
        SELECT o.id, o.state, COALESCE(l.goods, FALSE) AS goods,
               COALESCE(l.services_done, TRUE) AS services_done,
               COALESCE(o.invoice_status, 'no') != 'to invoice' AND COALESCE(m.returning, 0) = 0 AS settled,
               COALESCE(m.open, 0) AS open, COALESCE(m.reserved, 0) AS reserved,
               COALESCE(m.partly, 0) AS partly,
               COALESCE(m.short, 0) AS short, COALESCE(m.done, 0) AS done
          FROM sale_order o
          LEFT JOIN moves m ON m.order_id = o.id
          LEFT JOIN lines l ON l.order_id = o.id
    )
    UPDATE sale_order o
       SET processing_stage = CASE
               WHEN f.state = 'cancel' THEN 'cancelled'
               WHEN f.state != 'sale' THEN 'quotation'
               WHEN NOT f.goods AND f.services_done
                   THEN CASE WHEN f.settled THEN 'completed' ELSE 'delivered' END
               WHEN f.goods AND f.done > 0 AND f.open = 0
                   THEN CASE WHEN f.settled THEN 'completed' ELSE 'delivered' END
               WHEN f.short > 0 THEN 'waiting_stock'
               WHEN f.reserved > 0 THEN 'ready'
               ELSE 'approved' END,
           fulfilment = CASE WHEN f.done = 0 THEN 'none' WHEN f.open > 0 THEN 'partial' ELSE 'full' END,
           reservation_state = CASE
               WHEN f.open = 0 OR f.reserved + f.partly = 0 THEN 'none'
               WHEN f.reserved = f.open THEN 'full' ELSE 'partial' END,
           submitted_at = CASE WHEN f.state = 'sale' THEN o.date_order END
      FROM facts f
     WHERE f.id = o.id
"""


def pre_init_hook(env):
    env.cr.execute(COLUMNS)
    env.cr.execute(FILL)


def uninstall_hook(env):
    # Odoo drops the table and with it the triggers; their function would stay behind.
    env.cr.execute("DROP FUNCTION IF EXISTS order_event_append_only() CASCADE")
